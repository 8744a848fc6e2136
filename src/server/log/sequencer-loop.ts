import { codeOf } from '../common/jobs.js';
import type { RoundOutcome } from './sequencer.js';
import { SigningRefused } from './signing-refused.js';

/** Whether this machine signs, and if not, why: for people, without anybody's data. */
export interface Signing {
  readonly able: boolean;
  readonly reason?: string;
}

/**
 * Runs rounds one after the other: at an interval, and at once when nudged or when a round left something
 * over.
 */
export class SequencerLoop {
  private state: Signing = { able: false, reason: 'not started' };
  private running: Promise<void> | undefined;
  private isStopping = false;
  private isNudged = false;
  private wake: (() => void) | undefined;

  constructor(
    private readonly round: () => Promise<RoundOutcome>,
    private readonly intervalMs: number,
    private readonly onChange: (signing: Signing) => void = () => undefined,
  ) {}

  get signing(): Signing {
    return this.state;
  }

  /** Resolves after the first round, whatever its outcome. */
  async start(): Promise<void> {
    await this.tryRound();
    this.running ??= this.run();
  }

  /** Resolves when the round under way has ended. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.wake?.();
    await this.running;
  }

  nudge(): void {
    this.isNudged = true;
    this.wake?.();
  }

  private async run(): Promise<void> {
    let outcome: RoundOutcome | 'failed' = 'more';
    while (await this.isDue(outcome)) outcome = await this.tryRound();
  }

  /** Waits until there may be something to do; false once the loop is to stop. */
  private async isDue(last: RoundOutcome | 'failed'): Promise<boolean> {
    if (last !== 'more') await this.pause();
    this.isNudged = false;
    return !this.isStopping;
  }

  private async tryRound(): Promise<RoundOutcome | 'failed'> {
    try {
      const outcome = await this.round();
      this.report({ able: true });
      return outcome;
    } catch (error) {
      this.report({ able: false, reason: reasonOf(error) });
      return 'failed';
    }
  }

  private report(signing: Signing): void {
    const isChanged = signing.able !== this.state.able || signing.reason !== this.state.reason;
    this.state = signing;
    if (isChanged) this.onChange(signing);
  }

  private async pause(): Promise<void> {
    if (this.isNudged || this.isStopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.intervalMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
  }
}

/** Messages of the database can quote values of a row; the class and code of its errors cannot. */
function reasonOf(error: unknown): string {
  if (error instanceof SigningRefused) return error.message;
  return `the last round failed: ${codeOf(error)}`;
}
