import * as z from 'zod';
import { passwordSchema } from './auth.ts';
import { momentSchema } from './values.ts';

const email = z.email('Write an e-mail address such as ada@example.org.').max(254);
const givenPassword = z.string().min(1).max(256);
const token = z.string().min(1).max(200);
const name = z.string().trim().min(1, 'Write a name.').max(120);
/** Of an authenticator app, or a recovery code. */
const code = z.string().trim().min(6, 'Write the six digits that the app shows, or a recovery code.').max(40);

export const usernameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9](?:[a-z0-9._-]{1,30}[a-z0-9])$/, {
    error: 'Use 3 to 32 letters, digits, dots, dashes and underscores; begin and end with a letter or digit.',
  });

export const signInRequestSchema = z
  .strictObject({
    email,
    password: z.string().max(256),
    rememberMe: z.boolean().default(false).meta({ description: 'Stay signed in when the browser is closed.' }),
  })
  .meta({ id: 'SignInRequest' });

/** `challenge` is what the second step takes, with a code; null once signed in. */
export const signInReplySchema = z
  .object({ status: z.enum(['signed_in', 'second_factor_needed']), challenge: z.string().nullable() })
  .meta({ id: 'SignInReply' });

export const secondStepRequestSchema = z.strictObject({ challenge: token, code }).meta({ id: 'SecondStepRequest' });

export const signUpStateSchema = z.object({ isOpen: z.boolean() }).meta({ id: 'SignUpState' });
export const signUpRequestSchema = z
  .strictObject({ name, email, password: passwordSchema })
  .meta({ id: 'SignUpRequest' });

export const emailRequestSchema = z.strictObject({ email }).meta({ id: 'EmailRequest' });
export const newPasswordRequestSchema = z
  .strictObject({ token, password: passwordSchema })
  .meta({ id: 'NewPasswordRequest' });
export const verifyEmailRequestSchema = z.strictObject({ token }).meta({ id: 'VerifyEmailRequest' });
export const verifiedEmailSchema = z.object({ email: z.string() }).meta({ id: 'VerifiedEmail' });

export const updateProfileRequestSchema = z
  .strictObject({ name: name.optional(), username: usernameSchema.nullable().optional() })
  .meta({ id: 'UpdateProfileRequest' });
export const changePasswordRequestSchema = z
  .strictObject({ currentPassword: givenPassword, newPassword: passwordSchema })
  .meta({ id: 'ChangePasswordRequest' });
export const changeEmailRequestSchema = z
  .strictObject({ email, password: givenPassword })
  .meta({ id: 'ChangeEmailRequest' });

export const sessionSchema = z
  .object({
    id: z.string(),
    isCurrent: z.boolean(),
    userAgent: z.string().nullable(),
    createdAt: momentSchema,
    lastSeenAt: momentSchema.meta({ description: 'At most a day too early.' }),
    expiresAt: momentSchema.meta({ description: 'When it ends if nothing is done with it.' }),
  })
  .meta({ id: 'Session' });
export const sessionListSchema = z.object({ items: z.array(sessionSchema) }).meta({ id: 'SessionList' });

export const secondFactorStateSchema = z
  .object({
    isOn: z.boolean(),
    since: momentSchema.nullable(),
    recoveryCodesLeft: z.int(),
    isRequired: z.boolean().meta({ description: 'Your org requires it of your role.' }),
  })
  .meta({ id: 'SecondFactorState' });
export const passwordRequestSchema = z.strictObject({ password: givenPassword }).meta({ id: 'PasswordRequest' });
/** For the app: as an address that a QR code holds, and to type. */
export const secondFactorSecretSchema = z
  .object({ secret: z.string(), uri: z.string() })
  .meta({ id: 'SecondFactorSecret' });
export const codeRequestSchema = z.strictObject({ code }).meta({ id: 'CodeRequest' });
export const recoveryCodesSchema = z.object({ codes: z.array(z.string()) }).meta({ id: 'RecoveryCodes' });

export const signInRulesSchema = z
  .strictObject({
    requiresSecondFactor: z.boolean().meta({ description: 'Of owners and admins, before they may do anything else.' }),
  })
  .meta({ id: 'SignInRules' });

export const tokenRequestSchema = z
  .strictObject({
    email,
    password: z.string().max(256),
    code: code.optional().meta({ description: 'Where the account has a second factor.' }),
  })
  .meta({ id: 'TokenRequest' });
export const refreshRequestSchema = z.strictObject({ refreshToken: token }).meta({ id: 'RefreshRequest' });
export const tokenReplySchema = z
  .object({
    accessToken: z.string().meta({ description: 'Send it as Authorization: Bearer <token>.' }),
    expiresIn: z.int().meta({ description: 'Seconds that the access token works.' }),
    refreshToken: z.string().meta({ description: 'Works once: the answer holds the next one.' }),
  })
  .meta({ id: 'TokenReply' });

export type SignInRequest = z.output<typeof signInRequestSchema>;
export type SignInReply = z.infer<typeof signInReplySchema>;
export type Session = z.infer<typeof sessionSchema>;
export type SecondFactorState = z.infer<typeof secondFactorStateSchema>;
export type SecondFactorSecret = z.infer<typeof secondFactorSecretSchema>;
export type SignInRules = z.infer<typeof signInRulesSchema>;
export type TokenReply = z.infer<typeof tokenReplySchema>;
