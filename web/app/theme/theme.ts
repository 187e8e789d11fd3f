import * as z from 'zod';

export const themeChoices = ['system', 'light', 'dark'] as const;
export const themeChoiceSchema = z.enum(themeChoices);
export type ThemeChoice = z.infer<typeof themeChoiceSchema>;
