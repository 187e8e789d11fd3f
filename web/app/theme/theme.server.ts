import { createCookie } from 'react-router';
import { themeChoiceSchema, type ThemeChoice } from './theme.ts';

const themeCookie = createCookie('everwave-theme', { path: '/', sameSite: 'lax', maxAge: 31_536_000 });
const railCookie = createCookie('everwave-rail', { path: '/', sameSite: 'lax', maxAge: 31_536_000 });

/** What the person chose in this browser; `system` when nothing, or nothing sensible, is stored. */
export const readTheme = async (request: Request): Promise<ThemeChoice> =>
  themeChoiceSchema.catch('system').parse(await themeCookie.parse(request.headers.get('cookie')));

export const writeTheme = (choice: ThemeChoice): Promise<string> => themeCookie.serialize(choice);

export const isRailCollapsed = async (request: Request): Promise<boolean> =>
  (await railCookie.parse(request.headers.get('cookie'))) === 'collapsed';

export const writeRail = (collapsed: boolean): Promise<string> =>
  railCookie.serialize(collapsed ? 'collapsed' : 'open');
