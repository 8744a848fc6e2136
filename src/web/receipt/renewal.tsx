import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ReceiptStory } from '../../client/receipt/receipt-story.js';
import { useSpeech } from '../shared/i18n.js';
import { Form, useAct } from '../shared/ui.js';
import type { Connection } from './door.js';

interface RenewalProps {
  readonly story: ReceiptStory;
  readonly connection: Connection;
}

/** A later last day, which only the person chooses, within what the network allows. */
export function Renewal({ story, connection }: RenewalProps): JSX.Element {
  const { say, day } = useSpeech();
  const [chosen, setChosen] = useState('');
  const [done, setDone] = useState<string>();
  const latest = story.renewableUntil ?? story.keepUntil;
  const act = useAct(async () => setDone((await connection.call('renew', chosen)).keepUntil));
  if (done !== undefined) return <p role="status">{say('renew-done', { day: day(done) })}</p>;
  return (
    <>
      <p>{say('kept-until', { day: day(story.keepUntil) })}</p>
      <p>{say('renew-text', { day: day(latest) })}</p>
      <Form act={act} label="renew-send">
        <label for="until">{say('renew-label')}</label>
        <input
          id="until"
          type="date"
          min={story.keepUntil}
          max={latest}
          value={chosen}
          onInput={(event) => setChosen(event.currentTarget.value)}
          required
        />
      </Form>
    </>
  );
}
