import type { Me, Permission } from '@everwave/schema/api';

export interface SettingsSection {
  readonly to: string;
  readonly label: string;
  /** Who has no use for the section is not shown it. */
  readonly needs?: Permission | 'instanceAdministrator';
}

/** The pages under the settings, in the order of their list; last what is about the whole installation. */
const sections: readonly SettingsSection[] = [
  { to: '/settings', label: 'General' },
  { to: '/settings/profile', label: 'Profile' },
  { to: '/settings/security', label: 'Security' },
  { to: '/settings/sessions', label: 'Sessions' },
  { to: '/settings/notifications', label: 'Notifications' },
  { to: '/settings/organisation', label: 'Organisation' },
  { to: '/settings/members', label: 'Members', needs: 'members:read' },
  { to: '/settings/teams', label: 'Teams', needs: 'members:read' },
  { to: '/settings/roles', label: 'Roles' },
  { to: '/settings/api-keys', label: 'API keys', needs: 'apiKeys:manage' },
  { to: '/settings/alerts', label: 'Alerts', needs: 'alerts:manage' },
  { to: '/settings/variables', label: 'Variables', needs: 'variables:read' },
  { to: '/settings/masked-fields', label: 'Masked fields', needs: 'runs:read' },
  { to: '/settings/limits', label: 'Limits' },
  { to: '/settings/audit', label: 'Audit log', needs: 'audit:read' },
  { to: '/admin/users', label: 'Users', needs: 'instanceAdministrator' },
];

/** Those that are shown to whoever looks. */
export const sectionsFor = ({ permissions, isInstanceAdministrator }: Me): readonly SettingsSection[] =>
  sections.filter(({ needs }) => {
    if (needs === undefined) return true;
    return needs === 'instanceAdministrator' ? isInstanceAdministrator : permissions.includes(needs);
  });
