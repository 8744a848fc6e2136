import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ReceiptStory } from '../../client/receipt/receipt-story.js';
import { useSpeech, type MessageKey } from '../shared/i18n.js';
import { Title, Trouble, useAct } from '../shared/ui.js';
import { SaveCopy } from './copy.js';
import { Correction } from './correction.js';
import type { Connection } from './door.js';
import { Feedback } from './feedback.js';
import { Messages } from './messages.js';
import { TakeBack } from './paper.js';
import { Renewal } from './renewal.js';
import { SharedPart } from './shared.js';
import { Standing } from './standing.js';

interface OpenedProps {
  readonly connection: Connection;
  readonly onWithdraw: () => void;
}

/**
 * Parts of the page that each have a screen of their own, so that an old phone shows a few words at a time.
 */
const PARTS = {
  shared: 'shared-title',
  messages: 'messages-title',
  correction: 'correct-title',
  feedback: 'feedback-title',
  renewal: 'renew-title',
  copy: 'copy-title',
} as const satisfies Record<string, MessageKey>;
type Part = keyof typeof PARTS;

/** The person's own view of the case: where it stands, and each thing that they can do about it. */
export function Opened({ connection, onWithdraw }: OpenedProps): JSX.Element {
  const { say } = useSpeech();
  const [story, setStory] = useState<ReceiptStory>();
  const [part, setPart] = useState<Part>();
  const reading = useAct(async () => setStory(await connection.call('story')));
  useEffect(reading.run, [part]);
  if (!story) {
    return (
      <main>
        <Title>{say('status-title')}</Title>
        <p role="status">{reading.isRunning ? say('working') : ''}</p>
        <Trouble message={reading.trouble} />
        {!reading.isRunning && (
          <button type="button" onClick={reading.run}>
            {say('again')}
          </button>
        )}
        <TakeBack onWithdraw={onWithdraw} />
      </main>
    );
  }
  if (part === undefined) return <Home story={story} onPart={setPart} onWithdraw={onWithdraw} />;
  return (
    <main>
      <button type="button" class="back" onClick={() => setPart(undefined)}>
        {say('back')}
      </button>
      <Title>{say(PARTS[part])}</Title>
      <PartScreen part={part} story={story} connection={connection} />
      {!isTakenBack(story) && <TakeBack onWithdraw={onWithdraw} isOver={isOver(story)} />}
    </main>
  );
}

interface HomeProps {
  readonly story: ReceiptStory;
  readonly onPart: (part: Part) => void;
  readonly onWithdraw: () => void;
}

function Home({ story, onPart, onWithdraw }: HomeProps): JSX.Element {
  const { say, day } = useSpeech();
  return (
    <main>
      <Title>{say('status-title')}</Title>
      <Standing story={story} />
      <nav aria-label={say('status-title')}>
        {partsOf(story).map((part) => (
          <button key={part} type="button" onClick={() => onPart(part)}>
            {say(PARTS[part])}
          </button>
        ))}
      </nav>
      {isOver(story) && story.contentKept && !isTakenBack(story) && (
        <p>{say('erase-text', { day: day(story.keepUntil) })}</p>
      )}
      {!isTakenBack(story) && <TakeBack onWithdraw={onWithdraw} isOver={isOver(story)} />}
    </main>
  );
}

/** Only what can be done now is offered. */
function partsOf(story: ReceiptStory): Part[] {
  const { contentKept, renewableUntil, disclosures } = story;
  return (Object.keys(PARTS) as Part[]).filter((part) => {
    if (part === 'feedback') return disclosures.length > 0;
    if (part === 'renewal') return renewableUntil !== null;
    return part === 'copy' || part === 'shared' || contentKept;
  });
}

function PartScreen(props: {
  readonly part: Part;
  readonly story: ReceiptStory;
  readonly connection: Connection;
}): JSX.Element {
  const { part, story, connection } = props;
  if (part === 'shared') return <SharedPart story={story} connection={connection} />;
  if (part === 'messages') return <Messages story={story} connection={connection} />;
  if (part === 'correction') return <Correction connection={connection} />;
  if (part === 'feedback') return <Feedback story={story} connection={connection} />;
  if (part === 'renewal') return <Renewal story={story} connection={connection} />;
  return <SaveCopy connection={connection} />;
}

const OVER = new Set(['rejected', 'completed', 'failed', 'cancelled', 'entered-in-error']);

export function isOver({ status }: ReceiptStory): boolean {
  return OVER.has(status);
}

function isTakenBack({ withdrawn }: ReceiptStory): boolean {
  return withdrawn !== null;
}
