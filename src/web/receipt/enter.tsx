import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useSpeech } from '../shared/i18n.js';
import { Form, Title, Trouble, useAct } from '../shared/ui.js';
import { Camera } from './camera.js';
import { DoorError, type Connection } from './door.js';

interface EnterProps {
  readonly connection: Connection;
  readonly given: string;
  readonly onCode: (code: string) => Promise<void>;
}

/**
 * Typed or scanned, the code is read here first: one wrong sign comes back as a question that shows the whole
 * code.
 */
export function Enter({ connection, given, onCode }: EnterProps): JSX.Element {
  const { say } = useSpeech();
  const [code, setCode] = useState(given);
  const [suggestion, setSuggestion] = useState<string>();
  const [isScanning, setScanning] = useState(false);
  const look = async (typed: string): Promise<void> => {
    const reading = await connection.call('read', typed);
    if (reading.good) return onCode(typed);
    if (reading.suggestion === null) throw new DoorError('wrong');
    setSuggestion(reading.suggestion);
  };
  const sentences = { 'refused:code': 'code-short', wrong: 'code-wrong', not_found: 'code-unknown' } as const;
  const act = useAct(() => look(code), sentences);
  useEffect(() => {
    if (given !== '') act.run();
  }, []);
  const scanned = (text: string): void => {
    setScanning(false);
    setCode(text);
  };
  if (isScanning) return <Camera onCode={scanned} onStop={() => setScanning(false)} />;
  if (suggestion !== undefined) {
    const other = (): void => setSuggestion(undefined);
    return <Question suggestion={suggestion} onYes={() => onCode(suggestion)} onNo={other} />;
  }
  return (
    <main>
      <Title>{say('enter-title')}</Title>
      <p>{say('enter-text')}</p>
      <Form act={act} label="code-open">
        <label for="code">{say('code-label')}</label>
        <CodeField code={code} onCode={setCode} />
        <p id="code-hint" class="hint">
          {say('code-hint')}
        </p>
      </Form>
      <button type="button" onClick={() => setScanning(true)}>
        {say('camera')}
      </button>
      <h2>{say('lost-title')}</h2>
      <p>{say('lost-text')}</p>
    </main>
  );
}

/** No memory of it stays with the browser: no suggestions, no spelling service, no password manager. */
function CodeField(props: { readonly code: string; readonly onCode: (code: string) => void }): JSX.Element {
  return (
    <input
      id="code"
      class="code"
      dir="ltr"
      value={props.code}
      onInput={(event) => props.onCode(event.currentTarget.value)}
      aria-describedby="code-hint"
      autocomplete="off"
      autocapitalize="characters"
      spellcheck={false}
      maxLength={80}
      required
    />
  );
}

interface QuestionProps {
  readonly suggestion: string;
  readonly onYes: () => Promise<void>;
  readonly onNo: () => void;
}

function Question({ suggestion, onYes, onNo }: QuestionProps): JSX.Element {
  const { say } = useSpeech();
  const act = useAct(onYes, { not_found: 'code-unknown' });
  return (
    <main>
      <Title>{say('code-ask')}</Title>
      <p class="code" dir="ltr">
        {suggestion}
      </p>
      <div class="choice">
        <button type="button" onClick={act.run}>
          {say(act.isRunning ? 'working' : 'code-ask-yes')}
        </button>
        <button type="button" onClick={onNo}>
          {say('code-ask-no')}
        </button>
      </div>
      <Trouble message={act.trouble} />
    </main>
  );
}
