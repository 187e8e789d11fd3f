import type { Json } from '@everwave/schema/flow';
import type { Access, RouteTable } from '../../edge/route-table.ts';
import { examples } from '../../openapi/examples.ts';
import { openApiDocument } from '../../openapi/open-api-document.ts';
import type { TestApi } from '../test-api.ts';
import { idPlacesOf, type Place } from './places.ts';

/** A way into the api with everything in it that could name something. */
export interface MatrixRoute {
  readonly name: string;
  readonly method: string;
  /** With parameters as `:runId`. */
  readonly path: string;
  readonly access: Access;
  readonly parameters: readonly string[];
  readonly query: readonly string[];
  /** A body that it takes, or undefined when it takes none. */
  readonly body: Json | undefined;
  /** True when it takes a body and there is no example of one, so that its bodies stay untried. */
  readonly lacksExample: boolean;
  readonly idPlaces: readonly Place[];
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: object }>> };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** Bodies of the routes that are in no document. */
const otherBodies: Readonly<Record<string, Json>> = {
  'POST /auth/sign-in/email': { email: 'somebody@example.org', password: 'correct horse battery' },
  'POST /auth/change-password': { currentPassword: 'correct horse battery', newPassword: 'another horse battery' },
  'POST /auth/revoke-session': { token: 'a-token' },
};

/** Every route of the table, with what the document of this app says of it. */
export const matrixRoutes = (app: TestApi['app'], table: RouteTable): readonly MatrixRoute[] => {
  const { paths, components } = openApiDocument(app) as unknown as Document;
  return table.entries.map(({ method, path, access }) => {
    const name = `${method} ${path}`;
    const operation = paths[path.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}')]?.[method.toLowerCase()];
    const schema = operation?.requestBody?.content?.['application/json']?.schema;
    const body = (operation ? examples[operation.operationId]?.request : otherBodies[name]) as Json | undefined;
    return {
      name,
      // A webhook answers every method alike.
      method: method === 'ALL' ? 'POST' : method,
      path,
      access,
      parameters: [...path.matchAll(/:(\w+)/g)].map(([, parameter = '']) => parameter),
      query: (operation?.parameters ?? []).filter((each) => each.in === 'query').map((each) => each.name),
      body,
      lacksExample: schema !== undefined && body === undefined,
      idPlaces: schema ? idPlacesOf(schema, components.schemas) : [],
    };
  });
};
