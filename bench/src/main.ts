import { Refusal } from '../../scripts/lib/refusal.ts';
import { helpText, parseCommandLine } from './command-line.ts';
import { benchEngine } from './engine/engine.ts';
import { benchIdentity } from './identity/identity.ts';
import { benchLarge } from './large/large.ts';
import { benchLoop } from './loop/loop.ts';
import { requireProcessUsage } from './process-usage.ts';
import { benchProfile } from './profile/profile.ts';
import { benchSoak } from './soak.ts';
import { benchWaiting } from './waiting.ts';
import { benchWebhook } from './webhook/webhook.ts';
import { createReport, type Report } from './report.ts';

type Command = NonNullable<ReturnType<typeof parseCommandLine>>;

const run = (command: Command, report: Report): Promise<object> => {
  switch (command.name) {
    case 'engine':
      return benchEngine(command, report);
    case 'webhook':
      return benchWebhook(command, report);
    case 'waiting':
      return benchWaiting(command, report);
    case 'loop':
      return benchLoop(command, report);
    case 'large':
      return benchLarge(command, report);
    case 'soak':
      return benchSoak(command, report);
    case 'identity':
      return benchIdentity(command, report);
    case 'profile':
      return benchProfile(command, report);
  }
};

try {
  const command = parseCommandLine(process.argv.slice(2));
  if (command === null) {
    process.stdout.write(helpText);
  } else {
    requireProcessUsage();
    const report = createReport({
      jsonOnly: command.jsonOnly,
      write: (text) => process.stdout.write(text),
      writeProgress: (text) => process.stderr.write(text),
    });
    report.result(await run(command, report));
  }
} catch (error) {
  process.stderr.write(
    `${error instanceof Refusal ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
