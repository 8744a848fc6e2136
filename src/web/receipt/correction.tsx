import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { labelOf } from '../../client/translations/translations.js';
import { useSpeech } from '../shared/i18n.js';
import { Form, useAct } from '../shared/ui.js';
import type { Connection } from './door.js';

/** What was agreed to cannot be changed; the page says what correcting means, and prepares it. */
export function Correction({ connection }: { readonly connection: Connection }): JSX.Element {
  const { say, translations } = useSpeech();
  const [fields, setFields] = useState<readonly string[]>([]);
  const [wrong, setWrong] = useState<readonly string[]>([]);
  const [text, setText] = useState('');
  const [isSent, setSent] = useState(false);
  const reading = useAct(async () => setFields((await connection.call('shared'))?.fields ?? []));
  useEffect(reading.run, []);
  const act = useAct(async () => {
    await connection.call(
      'write',
      [wrong.map((field) => labelOf(translations.fields, field)).join(', '), text].filter(Boolean).join('\n'),
      'correction',
    );
    setSent(true);
  });
  const toggle = (field: string): void =>
    setWrong(wrong.includes(field) ? wrong.filter((each) => each !== field) : [...wrong, field]);
  if (isSent) return <p role="status">{say('correct-then')}</p>;
  return (
    <>
      <p>{say('correct-text')}</p>
      <Form act={act} label="correct-send">
        <fieldset>
          <legend>{say('correct-which')}</legend>
          {fields.map((field) => (
            <label key={field} class="check">
              <input type="checkbox" checked={wrong.includes(field)} onChange={() => toggle(field)} />
              {labelOf(translations.fields, field)}
            </label>
          ))}
        </fieldset>
        <label for="correction">{say('correct-label')}</label>
        <textarea
          id="correction"
          rows={4}
          maxLength={2000}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          dir="auto"
          required
        />
      </Form>
    </>
  );
}
