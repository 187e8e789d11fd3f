import type { Flow, Folder } from '@everwave/schema/api';
import { Form, Link, useNavigation } from 'react-router';
import type { PageProblem } from '#app/api/api-error.ts';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { SelectField } from '#app/components/ui/field.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';

interface PlaceCardProps {
  readonly flow: Pick<Flow, 'id' | 'folderId' | 'may'>;
  readonly folders: readonly Folder[];
  /** Why it was not moved. */
  readonly problem: PageProblem | null;
}

/** The folder that the flow is in, and the way to who reaches it. */
export const PlaceCard = ({ flow: { id, folderId, may }, folders, problem }: PlaceCardProps) => {
  const mayMove = may.includes('flows:write') && folders.length > 0;
  const isBusy = useNavigation().state !== 'idle';
  const folder = folders.find((each) => each.id === folderId);
  return (
    <Section
      title="Folder and access"
      actions={
        <Link to={`/workflows/${id}/access`} className="prose-link text-xs">
          Access to this flow
        </Link>
      }
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      {mayMove ? (
        <Form method="post" className="flex items-end gap-2">
          <input type="hidden" name="intent" value="move" />
          <div className="min-w-0 flex-1">
            <SelectField key={folderId ?? ''} label="Folder" name="folderId" defaultValue={folderId ?? ''}>
              <option value="">No folder</option>
              {folders.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.isRestricted ? `${each.name} (restricted)` : each.name}
                </option>
              ))}
            </SelectField>
          </div>
          <Button type="submit" aria-disabled={isBusy}>
            Move
          </Button>
        </Form>
      ) : (
        <p className="text-ink-2">{folder ? `In the folder ${folder.name}.` : 'In no folder.'}</p>
      )}
    </Section>
  );
};
