import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useSpeech, type MessageKey } from './i18n.js';

/** The heading of a screen. It takes the focus when the screen appears, so that a reader begins there. */
export function Title({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  // before it is painted: who presses Tab at once would otherwise be thrown back to the heading
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

/** Says aloud what went wrong, what was kept, and what to do. */
export function Trouble({ message }: { readonly message: MessageKey | undefined }): JSX.Element {
  const { say } = useSpeech();
  return (
    <p role="alert" class="trouble">
      {message === undefined ? '' : say(message)}
    </p>
  );
}

interface SubmitProps {
  readonly label: MessageKey;
  readonly isRunning: boolean;
  readonly isStrong?: boolean;
}

export function Submit({ label, isRunning, isStrong = true }: SubmitProps): JSX.Element {
  const { say } = useSpeech();
  return (
    <button type="submit" class={isStrong ? 'strong' : ''} aria-disabled={isRunning}>
      {say(isRunning ? 'working' : label)}
    </button>
  );
}

interface FormProps {
  readonly act: Act;
  readonly label: MessageKey;
  readonly children: ComponentChildren;
}

/** A form with its one button and, under it, what went wrong. */
export function Form({ act, label, children }: FormProps): JSX.Element {
  const submit = (event: Event): void => {
    event.preventDefault();
    act.run();
  };
  return (
    <form onSubmit={submit}>
      {children}
      <Submit label={label} isRunning={act.isRunning} />
      <Trouble message={act.trouble} />
    </form>
  );
}

export interface Act {
  readonly run: () => void;
  readonly isRunning: boolean;
  readonly trouble: MessageKey | undefined;
}

/** Something a person does: once at a time, and with a sentence where it could not be done. */
export function useAct(what: () => Promise<void>, sentences: Readonly<Record<string, MessageKey>> = {}): Act {
  const [isRunning, setRunning] = useState(false);
  const [trouble, setTrouble] = useState<MessageKey>();
  const run = (): void => {
    if (isRunning) return;
    setRunning(true);
    setTrouble(undefined);
    what()
      .catch((error: unknown) => setTrouble(sentenceFor(error, sentences)))
      .finally(() => setRunning(false));
  };
  return { run, isRunning, trouble };
}

const SENTENCES: Readonly<Record<string, MessageKey>> = {
  unreachable: 'trouble',
  overloaded: 'busy',
  restore_needed: 'busy',
  storage_full: 'busy',
  rate_limited: 'busy',
};

export function sentenceFor(error: unknown, sentences: Readonly<Record<string, MessageKey>>): MessageKey {
  const reason = String((error as { reason?: unknown } | null)?.reason);
  const known = new Map(Object.entries({ ...SENTENCES, ...sentences }));
  return known.get(reason) ?? (reason.startsWith('refused:') ? 'refused' : 'fault');
}
