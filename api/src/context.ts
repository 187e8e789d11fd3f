import type { Permission, Readiness, Role, UnservedQueues } from '@everwave/schema/api';
import type { Database } from '@everwave/schema/db';
import type { KeyRing, SystemSeal } from '@everwave/temporal/encryption';
import type { Logger } from '@everwave/temporal/logger';
import type { Rounds } from '@everwave/temporal/rounds';
import type { AccessTokens } from './auth/access-token.ts';
import type { BreachedPasswords } from './auth/breached-passwords.ts';
import type { Access } from './auth/access.ts';
import type { Auth } from './auth/create-auth.ts';
import type { RunFeed } from './events/run-feed.ts';
import type { StreamLimit } from './events/stream-limit.ts';
import type { Outbox } from './mail/outbox.ts';
import type { Metrics } from './metrics.ts';
import type { RateLimit } from './middleware/rate-limit.ts';
import type { HttpProblem } from './problems.ts';
import type { NodeKinds } from './node-kinds.ts';
import type { Settings } from './settings.ts';
import type { TemporalPort } from './temporal-port.ts';

/** Everything the API needs from outside; tests pass their own. */
export interface AppDependencies {
  readonly db: Database;
  readonly ring: KeyRing;
  /** For what belongs to a person or to the installation. */
  readonly seal: SystemSeal;
  readonly temporal: TemporalPort;
  readonly auth: Auth;
  readonly accessTokens: AccessTokens;
  /** Null where no file of them is set. */
  readonly breachedPasswords: BreachedPasswords | null;
  readonly nodeKinds: NodeKinds;
  /** Brings queued runs to Temporal. */
  readonly dispatcher: Rounds;
  /** Gives places to runs that wait for one. */
  readonly placer: Rounds;
  /** Carries out repairs of whole groups. */
  readonly repairer: Rounds;
  /** Brings events to the runs that wait for them. */
  readonly eventDeliverer: Rounds;
  /** Has Temporal have the schedules of flows. */
  readonly scheduleKeeper: Rounds;
  /** What Everwave tells people by mail. */
  readonly outbox: Outbox;
  /** Mails people about what waits for them. */
  readonly notifier: Rounds;
  readonly runFeed: RunFeed;
  readonly metrics: Metrics;
  readonly settings: Settings;
  readonly log: Logger;
}

/** Whoever asks, within one org. */
export interface Caller {
  readonly kind: 'user' | 'apiKey' | 'serviceAccount';
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  /** The key that the request carries. */
  readonly apiKey: { readonly id: string; readonly name: string } | null;
  readonly orgId: string;
  readonly orgName: string;
  /** The built-in role; of an org's own role the greatest built-in one it holds in full. Approvals go by it, nothing else. */
  readonly role: Role;
  /** What people call the role. */
  readonly roleName: string;
  /** All it may do in the org: what the role holds, cut by the scopes of a key. Ask `mayDo`. */
  readonly permissions: ReadonlySet<Permission>;
  /** What a person has to do before anything else. */
  readonly mustFirst?: 'verify_email' | 'enrol_second_factor' | null;
  readonly username?: string | null;
  /** Looks after the accounts of this installation. */
  readonly isInstanceAdmin?: boolean;
  /** Their org asks a second factor of their role. */
  readonly isSecondFactorRequired?: boolean;
  /** The session that the request came with; none with a key or an access token. */
  readonly sessionId?: string;
  /** What it may do with single flows, folders and connections. */
  readonly access: Access;
}

/** Whoever acts, here or where a deed is carried out that was asked for earlier. */
export type Actor = Pick<Caller, 'kind' | 'id' | 'name' | 'email' | 'orgId' | 'role' | 'permissions' | 'access'>;

/** Where a request came from, as far as it is known. */
export interface Client {
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** What every service takes first: the request it serves and the tools it may use. */
export interface ServiceContext extends AppDependencies {
  readonly caller: Caller;
  /** What the route asked for, and the caller holds. */
  readonly permission: Permission;
  readonly requestId: string;
  /** None for what no request asked for. */
  readonly client?: Client;
}

export type PersonCaller = Caller & { readonly kind: 'user' };

/** What a service takes that is about the person who asks, rather than about their org. */
export interface PersonContext extends AppDependencies {
  readonly caller: PersonCaller;
  readonly requestId: string;
  readonly client?: Client;
}

/** A person with a session, also one who belongs to no org, or no longer to the one that the session works in. */
export interface Visitor {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly sessionId: string;
  readonly activeOrgId: string | null;
}

/** What a service takes that is about which orgs a person belongs to. */
export interface VisitorContext extends AppDependencies {
  readonly visitor: Visitor;
  readonly requestId: string;
  readonly client: Client;
}

/** What the requests of one app share. */
export interface Shared {
  readonly streams: StreamLimit;
  /** Tries at one account: passwords, and mails that are asked for. */
  readonly attempts: RateLimit;
  /** The state of what this process needs, at most a second old. */
  readonly readiness: () => Promise<Readiness>;
  /** Queues that no worker serves, asked every few seconds however many pages of runs are open. */
  readonly unservedQueues: () => Promise<UnservedQueues>;
  /** How many refusals of one address are written down. */
  readonly notedRefusals: RateLimit;
  /** Keys that do not work and were written down a while ago. */
  readonly notedKeys: RateLimit;
}

/** Variables of a request inside Hono. */
export interface ApiEnv {
  Variables: {
    requestId: string;
    log: Logger;
    caller: Caller | null;
    /** Why a session that is there counts for nobody. */
    refusal?: HttpProblem;
    /** Set by a route once its permission was checked. */
    granted?: Permission;
    /** Set by a route that whoever is signed in may call, whatever their role. */
    person?: PersonCaller;
    /** Set by a route that every person with a session may call, a member of an org or not. */
    visitor?: Visitor;
    dependencies: AppDependencies;
    shared: Shared;
  };
}
