import * as z from 'zod';
import { memberSchema } from './members.ts';
import { momentSchema } from './values.ts';

const teamName = z.string().trim().min(1, 'Give the team a name.').max(80, 'Use at most 80 characters.');

/** A member of the org, as their teams show them: what they may do, their role in the org says. */
export const teamMemberSchema = memberSchema
  .pick({ id: true, name: true, email: true, role: true, roleName: true })
  .meta({ id: 'TeamMember' });

/** People of an org under one name. */
export const teamSchema = z
  .object({ id: z.string(), name: z.string(), members: z.array(teamMemberSchema), createdAt: momentSchema })
  .meta({ id: 'Team' });

export const teamListSchema = z.object({ items: z.array(teamSchema) }).meta({ id: 'TeamList' });

export const createTeamRequestSchema = z.strictObject({ name: teamName }).meta({ id: 'CreateTeamRequest' });
export const updateTeamRequestSchema = z.strictObject({ name: teamName }).meta({ id: 'UpdateTeamRequest' });

export type Team = z.infer<typeof teamSchema>;
export type TeamMember = z.infer<typeof teamMemberSchema>;
