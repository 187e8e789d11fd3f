import { Monitor, Moon, Sun } from 'lucide-react';
import { useEffect } from 'react';
import { useFetcher } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { type ThemeChoice, themeChoices, themeChoiceSchema } from '#app/theme/theme.ts';

const looks = {
  system: { icon: Monitor, word: 'as the system' },
  light: { icon: Sun, word: 'light' },
  dark: { icon: Moon, word: 'dark' },
} as const;

/** Goes round: as the system, light, dark. The change is seen at once and kept in this browser. */
export const ThemeToggle = ({ theme: stored }: { readonly theme: ThemeChoice }) => {
  const preference = useFetcher();
  const asked = themeChoiceSchema.safeParse(preference.formData?.get('theme'));
  const theme = asked.success ? asked.data : stored;
  const next = themeChoices[(themeChoices.indexOf(theme) + 1) % themeChoices.length] ?? 'system';
  const Icon = looks[theme].icon;
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return (
    <preference.Form method="post" action="/preferences">
      <input type="hidden" name="theme" value={next} />
      <Button
        type="submit"
        variant="quiet"
        size="sm"
        aria-label={`Theme: ${looks[theme].word}. Change to ${looks[next].word}.`}
        title={`Theme: ${looks[theme].word}`}
        icon={<Icon size={16} aria-hidden />}
      />
    </preference.Form>
  );
};
