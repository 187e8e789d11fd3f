import { Play } from 'lucide-react';
import { Button } from '#app/components/ui/button.tsx';
import { useMay } from '#app/shell/use-me.ts';

/** For those who may start runs from held events. */
export const ReplayButton = ({ onPress }: { readonly onPress: () => void }) =>
  useMay('deliveries:replay') ? (
    <Button size="sm" icon={<Play size={14} aria-hidden />} onClick={onPress}>
      Replay
    </Button>
  ) : null;
