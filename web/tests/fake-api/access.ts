import { createHash } from 'node:crypto';
import * as api from '@everwave/schema/api';
import type { Context, Hono } from 'hono';
import { answer, problem } from './answers.ts';
import { idOf } from './ids.ts';
import { flows } from './stories.ts';
import type { World } from './world.ts';

type Held = Pick<api.AccessOf, 'isRestricted' | 'grants'>;
type Thing = 'flow' | 'folder' | 'connection';

/** Folders, and who may reach what. */
export interface WorldAccess {
  folders: api.Folder[];
  /** The folder of a flow, by the flow's id. */
  readonly places: Map<string, string>;
  /** By the thing's id. */
  readonly held: Map<string, Held>;
  readonly teams: { readonly id: string; readonly name: string; readonly userIds: readonly string[] }[];
}

export const accessOf = (now: number, isEmpty: boolean): WorldAccess => {
  if (isEmpty) return { folders: [], places: new Map(), held: new Map(), teams: [] };
  const folder = (name: string): api.Folder => ({
    id: idOf('fold', name),
    name,
    flows: 0,
    isRestricted: false,
    createdAt: new Date(now - 86_400_000 * 12).toISOString(),
  });
  const money = folder('Money');
  return {
    folders: [money, folder('Roastery floor')],
    places: new Map([[idOf('flow', flows.refund.name), money.id]]),
    held: new Map([
      [
        money.id as string,
        {
          isRestricted: false,
          grants: [
            {
              grantee: { kind: 'team', id: 'team_night', name: 'Night shift' },
              role: 'operator' as api.RoleReference,
              roleName: 'operator',
            },
          ],
        },
      ],
    ]),
    teams: [{ id: 'team_night', name: 'Night shift', userIds: ['u_viewer'] }],
  };
};

const open: Held = { isRestricted: false, grants: [] };

const folderOf = ({ access }: World, flowId: string): api.Folder | undefined =>
  access.folders.find(({ id }) => id === access.places.get(flowId));

/** What is said of a thing, and of the folder around it. */
const around = (world: World, of: Thing, id: string) => {
  const folder = of === 'flow' ? folderOf(world, id) : undefined;
  return [
    { on: of, ...(world.access.held.get(id) ?? open) },
    ...(folder ? [{ on: 'folder' as const, ...(world.access.held.get(folder.id) ?? open) }] : []),
  ];
};

const reasonsOf = (
  world: World,
  { of, id }: { readonly of: Thing; readonly id: string },
  who: { readonly kind: string; readonly id: string; readonly roleName: string; readonly held: readonly string[] },
): api.AccessOf['reachedBy'][number]['because'] => {
  const spots = around(world, of, id);
  const read = of === 'connection' ? 'connections:read' : 'flows:read';
  const isKept = spots.some(({ isRestricted }) => isRestricted);
  const own = { roleName: who.roleName, on: null, team: null };
  const granted = spots.flatMap(({ on, grants }) =>
    grants.flatMap(({ grantee, roleName }) => {
      const team = world.access.teams.find((each) => grantee.kind === 'team' && each.id === grantee.id);
      const isTheirs = team
        ? who.kind === 'user' && team.userIds.includes(who.id)
        : grantee.kind === who.kind && grantee.id === who.id;
      return isTheirs
        ? [{ by: 'grant' as const, roleName: roleName ?? who.roleName, on, team: team?.name ?? null }]
        : [];
    }),
  );
  if (!who.held.includes(read)) return granted;
  if (!isKept) return [{ by: 'role' as const, ...own }, ...granted];
  return who.held.includes('roles:manage') ? [{ by: 'manager' as const, ...own }, ...granted] : granted;
};

/** Whether the person who is signed in reaches a flow or a connection. */
export const isReached = (world: World, of: 'flow' | 'connection', id: string): boolean => {
  const { user, roleName, permissions } = world.me;
  const who = { kind: 'user', id: user?.id ?? '', roleName, held: permissions };
  return reasonsOf(world, { of, id }, who).length > 0;
};

/** What the person who is signed in may do with a flow. */
export const mayWithFlow = (world: World, id: string): api.Permission[] => {
  const { user, permissions, roleName } = world.me;
  const reasons = reasonsOf(
    world,
    { of: 'flow', id },
    { kind: 'user', id: user?.id ?? '', roleName, held: permissions },
  );
  const granted = reasons
    .filter(({ by }) => by === 'grant')
    .flatMap((reason) => world.roles.find(({ name }) => name === reason.roleName)?.permissions ?? []);
  const isByRole = reasons.some(({ by }) => by !== 'grant');
  return [...new Set([...(isByRole ? permissions : []), ...granted])];
};

const tell = (world: World, of: Thing, id: string): api.AccessOf => {
  const holders = [
    ...world.people.members.map(({ userId, name, role }) => ({ kind: 'user' as const, id: userId, name, role })),
    ...world.serviceAccounts.map((each) => ({ kind: 'serviceAccount' as const, ...each })),
  ];
  const folder = of === 'flow' ? folderOf(world, id) : undefined;
  const held = world.access.held.get(id) ?? open;
  return {
    ...held,
    revision: createHash('sha256').update(JSON.stringify(held)).digest('base64url'),
    folder: folder ? { id: folder.id, name: folder.name, isRestricted: isRestrictedFolder(world, folder) } : null,
    reachedBy: holders
      .map(({ kind, id: holderId, name, role }) => {
        const held = world.roles.find((each) => each.id === role)?.permissions ?? [];
        const who = { kind, id: holderId, roleName: role, held };
        return { holder: { kind, id: holderId, name }, because: reasonsOf(world, { of, id }, who) };
      })
      .filter(({ because }) => because.length > 0),
  };
};

const isRestrictedFolder = ({ access }: World, { id }: api.Folder): boolean =>
  access.held.get(id)?.isRestricted === true;

const granteesOf = (world: World): api.GranteeList['items'] => [
  ...world.people.members.map(({ userId, name, email }) => ({
    kind: 'user' as const,
    id: userId,
    name,
    detail: email,
  })),
  ...world.access.teams.map(({ id, name }) => ({ kind: 'team' as const, id, name, detail: null })),
  ...world.serviceAccounts.map(({ id, name }) => ({ kind: 'serviceAccount' as const, id, name, detail: null })),
];

const addFolders = (app: Hono, world: () => World): void => {
  const shown = (folder: api.Folder): api.Folder => {
    const inside = [...world().access.places].filter(([id, at]) => at === folder.id && isReached(world(), 'flow', id));
    return { ...folder, flows: inside.length, isRestricted: isRestrictedFolder(world(), folder) };
  };
  const taken = (c: Context, name: string) =>
    world().access.folders.some((each) => each.name.toLowerCase() === name.toLowerCase())
      ? problem(c, 409, 'name_taken', `Another folder is called “${name}”. Choose another name.`, [
          { path: 'name', message: 'This name is taken.' },
        ])
      : null;
  app.get('/v1/folders', (c) => {
    const { folders } = world().access;
    const seesAll = world().me.permissions.includes('roles:manage');
    const items = folders.map(shown).filter(({ isRestricted, flows: seen }) => !isRestricted || seesAll || seen > 0);
    return answer(c, api.folderListSchema, { items });
  });
  app.post('/v1/folders', async (c) => {
    const { name } = api.folderRequestSchema.parse(await c.req.json());
    const refused = taken(c, name);
    if (refused) return refused;
    const id = idOf('fold', name);
    const made: api.Folder = { id, name, flows: 0, isRestricted: false, createdAt: new Date().toISOString() };
    world().access.folders.push(made);
    return answer(c, api.folderSchema, made);
  });
  app.patch('/v1/folders/:id', async (c) => {
    const { name } = api.folderRequestSchema.parse(await c.req.json());
    const refused = taken(c, name);
    if (refused) return refused;
    const { access } = world();
    access.folders = access.folders.map((each) => (each.id === c.req.param('id') ? { ...each, name } : each));
    const renamed = access.folders.find(({ id }) => id === c.req.param('id'));
    return renamed
      ? answer(c, api.folderSchema, shown(renamed))
      : problem(c, 404, 'folder_not_found', 'Your org has no such folder.');
  });
  app.delete('/v1/folders/:id', (c) => {
    const { access } = world();
    if ([...access.places.values()].includes(c.req.param('id'))) {
      return problem(c, 409, 'folder_not_empty', 'The folder still holds flows. Move them out first.');
    }
    access.folders = access.folders.filter(({ id }) => id !== c.req.param('id'));
    return c.body(null, 204);
  });
  app.put('/v1/flows/:id/folder', async (c) => {
    const { folderId } = api.moveFlowRequestSchema.parse(await c.req.json());
    const { access } = world();
    const spots = [access.places.get(c.req.param('id')), folderId].filter((id) => id !== undefined && id !== null);
    const isGuarded = spots.some((id) => access.held.has(id));
    if (isGuarded && !world().me.permissions.includes('roles:manage')) {
      return problem(c, 403, 'not_allowed', 'This needs the permission roles:manage; your role does not have it.');
    }
    if (folderId === null) access.places.delete(c.req.param('id'));
    else access.places.set(c.req.param('id'), folderId);
    return c.body(null, 204);
  });
};

export const addAccess = (app: Hono, world: () => World): void => {
  addFolders(app, world);
  app.get('/v1/grantees', (c) =>
    world().me.permissions.includes('roles:manage')
      ? answer(c, api.granteeListSchema, { items: granteesOf(world()) })
      : problem(c, 403, 'not_allowed', 'This needs the permission roles:manage; your role does not have it.'),
  );
  for (const kind of ['flow', 'folder', 'connection'] as const) {
    const path = `/v1/${kind}s/:id/access`;
    app.get(path, (c) => {
      const id = c.req.param('id') ?? '';
      return kind === 'folder' || isReached(world(), kind, id)
        ? answer(c, api.accessSchema, tell(world(), kind, id))
        : problem(c, 403, 'not_allowed', 'This is kept for some people only.');
    });
    app.put(path, async (c) => {
      const id = c.req.param('id') ?? '';
      const { isRestricted, grants, revision } = api.setAccessRequestSchema.parse(await c.req.json());
      if (revision !== undefined && revision !== tell(world(), kind, id).revision) {
        return problem(c, 409, 'access_changed', 'Somebody has changed who may reach it meanwhile.');
      }
      const names = granteesOf(world());
      const before = world().access.held.get(id) ?? open;
      world().access.held.set(id, {
        isRestricted,
        grants: grants.map(({ grantee, role }) => ({
          grantee: {
            ...grantee,
            name: names.find(({ kind, id: theirs }) => kind === grantee.kind && theirs === grantee.id)?.name ?? '',
          },
          role,
          roleName: role === null ? null : (world().roles.find((each) => each.id === role)?.name ?? role),
        })),
      });
      if (kind !== 'folder' && !isReached(world(), kind, id)) {
        world().access.held.set(id, before);
        return problem(c, 409, 'locks_out', `You would not see this ${kind} any longer. Keep a grant for yourself.`);
      }
      return answer(c, api.accessSchema, tell(world(), kind, id));
    });
  }
};
