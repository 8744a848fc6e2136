import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ReceiptStatus } from '../../client/receipt/receipt.js';
import { labelOf } from '../../client/translations/translations.js';
import { useSpeech } from '../shared/i18n.js';
import { Form, Title, useAct } from '../shared/ui.js';

interface PaperProps {
  readonly status: ReceiptStatus;
  readonly onWord: (word: string) => Promise<void>;
  readonly onWithdraw: () => void;
}

/**
 * What a paper shows whose reading needs a word: where it stands, and the way to take it back. No service is
 * named.
 */
export function Paper({ status, onWord, onWithdraw }: PaperProps): JSX.Element {
  const { say, translations } = useSpeech();
  const [word, setWord] = useState('');
  const [isShown, setShown] = useState(false);
  const act = useAct(() => onWord(word), { not_found: 'word-wrong' });
  return (
    <main>
      <Title>{say('status-title')}</Title>
      <p class="card large">{labelOf(translations.statuses, status.status)}</p>
      <h2>{say('word-title')}</h2>
      <p>{say('word-text')}</p>
      <Form act={act} label="word-open">
        <label for="word">{say('word-label')}</label>
        <input
          id="word"
          {...(isShown ? { type: 'text' } : { type: 'password' })}
          value={word}
          onInput={(event) => setWord(event.currentTarget.value)}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          maxLength={200}
          required
        />
        <label class="check">
          <input type="checkbox" checked={isShown} onChange={() => setShown(!isShown)} />
          {say('word-show')}
        </label>
      </Form>
      <TakeBack onWithdraw={onWithdraw} />
    </main>
  );
}

/** Always there, always in the same place. */
export function TakeBack(props: { readonly onWithdraw: () => void; readonly isOver?: boolean }): JSX.Element {
  const { say } = useSpeech();
  return (
    <p class="take-back">
      <button type="button" onClick={props.onWithdraw}>
        {say(props.isOver === true ? 'erase' : 'withdraw')}
      </button>
    </p>
  );
}
