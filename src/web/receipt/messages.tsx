import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ReadMessage, RefusedMessage } from '../../client/referral/messages.js';
import type { ReceiptStory } from '../../client/receipt/receipt-story.js';
import { visibleText } from '../../protocol/encoding/plain-text.js';
import { useSpeech } from '../shared/i18n.js';
import { Form, Trouble, useAct } from '../shared/ui.js';
import type { Connection } from './door.js';

type Thread = readonly (ReadMessage | RefusedMessage)[];

interface MessagesProps {
  readonly story: ReceiptStory;
  readonly connection: Connection;
}

/** The thread of both services and the person, and a place to write. */
export function Messages({ story, connection }: MessagesProps): JSX.Element {
  const { say } = useSpeech();
  const [thread, setThread] = useState<Thread>();
  const [text, setText] = useState('');
  const [isSent, setSent] = useState(false);
  const reading = useAct(async () => setThread(await connection.call('messages')));
  const writing = useAct(async () => {
    setSent(false);
    await connection.call('write', text);
    setText('');
    setSent(true);
    setThread(await connection.call('messages'));
  });
  useEffect(reading.run, []);
  return (
    <>
      <p>{say('messages-text')}</p>
      <p role="status">{!thread && reading.isRunning ? say('working') : ''}</p>
      <Trouble message={reading.trouble} />
      {thread?.length === 0 && <p>{say('messages-none')}</p>}
      <ol class="thread">
        {thread?.map((message, place) => (
          <Message key={place} message={message} story={story} />
        ))}
      </ol>
      <Form act={writing} label="message-send">
        <label for="message">{say('message-label')}</label>
        <textarea
          id="message"
          rows={4}
          maxLength={4000}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          dir="auto"
          required
        />
        <p role="status">{isSent ? say('message-sent') : ''}</p>
      </Form>
    </>
  );
}

function Message(props: {
  readonly message: ReadMessage | RefusedMessage;
  readonly story: ReceiptStory;
}): JSX.Element {
  const { say, day } = useSpeech();
  const { message, story } = props;
  if (message.side === null) return <li class="trouble">{say('message-refused')}</li>;
  const who = message.side === 'person' ? say('by-person') : visibleText(story[message.side].service.name);
  return (
    <li class={message.side === 'person' ? 'own' : ''}>
      <p class="hint">
        <bdi>{who}</bdi> · {day(message.day)}
        {message.kind === 'correction' ? ` · ${say('message-correction')}` : ''}
      </p>
      <p class="said" dir="auto">
        {visibleText(message.text)}
      </p>
    </li>
  );
}
