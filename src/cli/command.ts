import { helpOfCommand } from './asked/help.js';
import { asksForHelp, languageOf, readAsked, WrongUse, type Asked } from './asked/read.js';

export { WrongUse, type Asked } from './asked/read.js';

const WRONG_USE = 2;

/** What a command does once its arguments are in order; answers its exit code. */
export type Run = (asked: Asked) => Promise<number>;

/**
 * A command by its name: help where it is asked for, one sentence and exit 2 for wrong use, and only else is
 * it run.
 */
export function command(name: string, run: Run): (argv: readonly string[]) => Promise<number> {
  return async (argv) => {
    const language = languageOf(argv);
    try {
      if (!asksForHelp(argv)) return await run(readAsked(name, argv));
      process.stdout.write(helpOfCommand(name, language));
      return 0;
    } catch (error) {
      if (!(error instanceof WrongUse)) throw error;
      process.stderr.write(`relais ${name}: ${error.message}. (relais ${name} --help)\n`);
      return WRONG_USE;
    }
  };
}
