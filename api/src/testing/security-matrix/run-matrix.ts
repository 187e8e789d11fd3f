import { randomBytes, randomUUID } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import type { RouteTable } from '../../edge/route-table.ts';
import { makeOneOfEverything } from '../one-of-everything.ts';
import { openSession } from '../open-session.ts';
import { type TestApi, type TestOrg, webUrl } from '../test-api.ts';
import { ask, type Reply } from './ask.ts';
import { callersOf, expectedOf, type Headers, type MatrixCaller } from './callers.ts';
import { idsFor, placesIn, valueAt, withValue } from './places.ts';
import { type MatrixRoute, matrixRoutes } from './routes.ts';
import { createSnapshot } from './snapshot.ts';

export interface MatrixReport {
  readonly routes: number;
  /** Routes at which everybody knocked, and every place for an id held a foreign one. */
  readonly covered: number;
  /** Requests that were sent. */
  readonly cells: number;
  /** Answers that the declared access does not allow. */
  readonly unexpected: readonly string[];
  /** Routes that are not covered, and why. */
  readonly uncovered: readonly string[];
}

/** These say where inside of something, and name nothing by themselves. */
const isNoId = (parameter: string): boolean => ['path', 'version', 'variableName', 'fieldName'].includes(parameter);

/** An id of the same form that nobody has. */
const unknownLike = (id: string): string => {
  const [, prefix] = /^([a-z]+_)[0-9a-f]{32}$/.exec(id) ?? [];
  if (prefix) return prefix + randomBytes(16).toString('hex');
  if (/^[0-9a-f]{64}$/.test(id)) return randomBytes(32).toString('hex');
  return /^[0-9a-f-]{36}$/.test(id) ? randomUUID() : randomBytes(16).toString('base64url');
};

const filled = (route: MatrixRoute, idOf: (parameter: string) => string): string =>
  route.path.replaceAll(/:(\w+)(\{[^}]*\})?/g, (_all, parameter: string) => encodeURIComponent(idOf(parameter)));

/**
 * Everybody at every door, and another org's ids in every place of every request. What is expected follows from the
 * access that a route declares. Bodies are the document's examples, so that only an id can be the reason for a refusal.
 */
export const runMatrix = async (api: TestApi, app: TestApi['app'], table: RouteTable): Promise<MatrixReport> => {
  const mark = `zq7-${randomBytes(6).toString('hex')}`;
  // It hears of what concerns no other, such as keys that nobody has.
  await api.createOrg('The first');
  const theirs = await api.createOrg(mark);
  const mine = await api.createOrg('Mine');
  const [theirIds, myIds] = await Promise.all([
    makeOneOfEverything(api, theirs, mark),
    makeOneOfEverything(api, mine, `mine-${mark.slice(4)}`),
  ]);
  const callers = await callersOf(api, mine);
  const intruders = callers.filter(({ name }) => name.startsWith('owner'));
  const leaver = await leaverOf(api, theirs);
  const theirOwner = (await theirs.addPerson('owner')).userId;
  const snapshot = await createSnapshot(api, theirs.orgId);

  const unexpected: string[] = [];
  const uncovered = new Map<string, string>();
  const foreignCodes = new Map<string, string | null>();
  let cells = 0;
  const knock = async (route: MatrixRoute, path: string, headers: Headers, body?: MatrixRoute['body']) => {
    cells += 1;
    return ask(app, { method: route.method, path, headers, body });
  };
  const fault = (route: MatrixRoute, what: string, { status, code }: Reply) =>
    void unexpected.push(`${route.name}: ${what} → ${status} ${code ?? ''}`.trimEnd());

  /** Everybody, with ids that nobody has: whoever passes finds nothing, and nothing is changed by it. */
  const everybodyAt = async (route: MatrixRoute): Promise<void> => {
    const path = filled(route, (parameter) => {
      const known = myIds[parameter];
      if (known === undefined) uncovered.set(route.name, `one-of-everything.ts makes nothing with a ${parameter}`);
      return known === undefined || isNoId(parameter) ? (known ?? 'x') : unknownLike(known);
    });
    const replies = callers.map(async (caller) => {
      const reply = await knock(route, path, await caller.headers());
      if (!isAsExpected(route, caller, reply)) fault(route, caller.name, reply);
    });
    await Promise.all(replies);
  };

  /** Their ids in the path, one at a time and all at once, everything else the intruder's own. */
  const foreignPathsAt = async (route: MatrixRoute): Promise<void> => {
    const places = route.parameters.filter((parameter) => !isNoId(parameter) && theirIds[parameter] !== undefined);
    if (places.length === 0 || route.access.kind === 'public') return;
    const all = places.length > 1 ? [places] : [];
    for (const foreign of [...places.map((place) => [place]), ...all]) {
      const path = filled(route, (name) => (foreign.includes(name) ? theirIds : myIds)[name] ?? 'x');
      for (const intruder of intruders) {
        const reply = await knock(route, path, await intruder.headers(), route.body);
        // What is for people alone refuses a key before it looks for anything.
        const looks = expectedOf(route, intruder) === 'passes';
        if (looks) foreignCodes.set(route.name, reply.code);
        if (looks ? reply.status !== 404 : ![401, 403].includes(reply.status))
          fault(route, `${intruder.name}, with their ${foreign.join(' and ')}`, reply);
      }
      const reply = await knock(route, path, leaver, route.body);
      if (![401, 403, 404].includes(reply.status)) fault(route, `a revoked member of theirs`, reply);
    }
  };

  /** Ids the intruder has named so far: they may come back, as tags and names of its own. */
  const named = new Set<string>();
  /** True when an answer tells something of theirs. */
  const tells = ({ text }: Reply): boolean =>
    text.includes(mark) || Object.values(theirIds).some((id) => id.length > 16 && !named.has(id) && text.includes(id));

  const foreignElsewhereAt = async (route: MatrixRoute): Promise<void> => {
    const [intruder] = intruders;
    if (!intruder) throw new Error('There is no owner among the callers.');
    const path = filled(route, (parameter) => myIds[parameter] ?? 'x');
    for (const name of route.query) {
      for (const id of idsFor(name, undefined, theirIds)) {
        named.add(id);
        const query = String(new URLSearchParams({ [name]: id }));
        const reply = await knock(route, `${path}?${query}`, await intruder.headers());
        if (reply.status >= 500 || tells(reply)) fault(route, `their id in the query's ${name}`, reply);
      }
    }
    const { body } = route;
    if (body === undefined) return;
    const places = new Map([...placesIn(body), ...route.idPlaces].map((place) => [place.join('.'), place]));
    for (const [where, place] of places) {
      for (const id of idsFor(String(place.at(-1)), valueAt(body, place), theirIds)) {
        named.add(id);
        const reply = await knock(route, path, await intruder.headers(), withValue(body, place, id));
        if (reply.status >= 500 || tells(reply)) fault(route, `their id in the body's ${where || 'place'}`, reply);
      }
    }
  };

  const routes = matrixRoutes(app, table);
  let before = await snapshot();
  for (const route of routes) {
    if (route.lacksExample) uncovered.set(route.name, 'examples.json has no body for it');
    await everybodyAt(route);
    await foreignPathsAt(route);
    await foreignElsewhereAt(route);
    const after = await snapshot();
    if (after !== before) unexpected.push(`${route.name}: something of the other org was changed`);
    before = after;
  }

  // Not vacuous: each of these ids is good for something, for whoever it belongs to.
  for (const route of routes.filter(({ name }) => foreignCodes.has(name)).toSorted(gentlestFirst)) {
    const path = filled(route, (parameter) => theirIds[parameter] ?? 'x');
    // What is a person's own belongs to the one whose session stands among the ids.
    const people = route.access.kind === 'signedIn' ? [theirOwner, theirIds['userId'] ?? theirOwner] : [theirOwner];
    const codes: (string | null)[] = [];
    for (const person of people) {
      const { cookie } = await openSession(api, person, theirs.orgId);
      codes.push((await knock(route, path, { cookie, origin: webUrl }, route.body)).code);
    }
    const told = foreignCodes.get(route.name);
    if (typeof told === 'string' && codes.every((code) => code === told)) {
      uncovered.set(route.name, `its owner too is told ${told}, so that the refusal of others shows nothing`);
    }
  }
  return {
    routes: routes.length,
    covered: routes.length - uncovered.size,
    cells,
    unexpected,
    uncovered: [...uncovered].map(([name, why]) => `${name}: ${why}`),
  };
};

/** How a route says that the caller does not hold what it declares; what else it refuses is its own affair. */
const lacksPermission = 'This needs the permission';

const isAsExpected = (route: MatrixRoute, caller: MatrixCaller, { status, code, text }: Reply): boolean => {
  if (status >= 500) return false;
  switch (expectedOf(route, caller)) {
    case 'stopped at the door':
      return status === 401;
    case 'refused':
      return status === 401 || status === 403;
    case 'sent elsewhere first':
      return status === 403 && code === caller.mustFirst;
    case 'passes':
      return route.access.kind === 'public' || (status !== 401 && !(status === 403 && text.includes(lacksPermission)));
  }
};

/** Reads before changes, and what ends something last: deeper paths first. */
const gentlestFirst = (left: MatrixRoute, right: MatrixRoute): number =>
  weight(left) - weight(right) || right.path.length - left.path.length;
const weight = ({ method }: MatrixRoute): number => ['GET', 'PUT', 'PATCH', 'POST', 'DELETE'].indexOf(method);

/** Somebody with a session who was an owner of this org until a moment ago. */
const leaverOf = async (api: TestApi, org: TestOrg): Promise<Headers> => {
  const { userId } = await org.addPerson('owner');
  const { cookie } = await openSession(api, userId, org.orgId);
  await withSystem(api.db, (tx) => tx.delete(tables.members).where(eq(tables.members.userId, userId)));
  return { cookie, origin: webUrl };
};
