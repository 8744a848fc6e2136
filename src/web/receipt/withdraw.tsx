import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useSpeech } from '../shared/i18n.js';
import { Title, Trouble, useAct } from '../shared/ui.js';
import { DoorError, type Connection } from './door.js';
import { SaveCopy } from './copy.js';

const PAUSE_MS = 3000;
/** What passes by itself: the page goes on until it is done. */
const PASSING = new Set(['unreachable', 'overloaded', 'restore_needed', 'rate_limited', 'in_progress']);

interface WithdrawProps {
  readonly connection: Connection;
  readonly onDone: () => void;
  readonly onBack: () => void;
}

/** The second tap. It is tried until it has come through: nobody has to press again. */
export function Withdraw({ connection, onDone, onBack }: WithdrawProps): JSX.Element {
  const { say } = useSpeech();
  const [isWaiting, setWaiting] = useState(false);
  const act = useAct(async () => {
    await untilDone(connection, () => setWaiting(true));
    onDone();
  });
  return (
    <main>
      <Title>{say('withdraw-title')}</Title>
      <p>{say('withdraw-text')}</p>
      <div class="choice">
        <button type="button" class="strong" onClick={act.run}>
          {say(act.isRunning ? 'working' : 'withdraw-yes')}
        </button>
        <button type="button" onClick={onBack}>
          {say('withdraw-no')}
        </button>
      </div>
      <p role="status">{isWaiting ? say('withdraw-waiting') : ''}</p>
      <Trouble message={act.trouble} />
    </main>
  );
}

async function untilDone(connection: Connection, onWait: () => void): Promise<void> {
  for (;;) {
    try {
      await connection.call('withdraw');
      return;
    } catch (error) {
      if (!(error instanceof DoorError && PASSING.has(error.reason))) throw error;
      onWait();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** It is done. Whoever can read the case can also save the signed statement with its proof. */
export function Withdrawn(props: { readonly connection: Connection; readonly isOpen: boolean }): JSX.Element {
  const { say } = useSpeech();
  return (
    <main>
      <Title>{say('withdraw-done-title')}</Title>
      <p class="card large">{say('withdraw-done-text')}</p>
      {props.isOpen && <SaveCopy connection={props.connection} />}
    </main>
  );
}
