import type { JSX, TargetedEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { ReceiptStatus } from '../../client/receipt/receipt.js';
import { isLanguage, LANGUAGES, useSpeech, type Language } from '../shared/i18n.js';
import type { Connection } from './door.js';
import { Enter } from './enter.js';
import { Opened } from './opened.js';
import { Paper } from './paper.js';
import { Withdraw, Withdrawn } from './withdraw.js';

/** Each language in its own words: whoever looks for theirs cannot read another. */
const NAMES: Record<Language, string> = { fr: 'Français', nl: 'Nederlands', en: 'English', ar: 'العربية' };

interface AppProps {
  readonly connection: Connection;
  /** A code that came with the address; empty where there was none. */
  readonly given: string;
  readonly onLanguage: (language: Language) => void;
  readonly onLeave: () => void;
}

export function App({ connection, given, onLanguage, onLeave }: AppProps): JSX.Element {
  const { language, say } = useSpeech();
  const choose = (event: TargetedEvent<HTMLSelectElement>): void => {
    const { value } = event.currentTarget;
    if (isLanguage(value)) onLanguage(value);
  };
  return (
    <>
      <header>
        <select aria-label={say('language')} value={language} onChange={choose}>
          {LANGUAGES.map((each) => (
            <option key={each} value={each} lang={each}>
              {NAMES[each]}
            </option>
          ))}
        </select>
        <button type="button" class="leave" title={say('leave-hint')} onClick={onLeave}>
          {say('leave')}
        </button>
      </header>
      <Screens connection={connection} given={given} />
    </>
  );
}

type Screen = 'paper' | 'opened' | 'withdraw' | 'withdrawn';

/** The paper first; what it opens, where no word is needed, at once; taking it back from wherever one is. */
function Screens({ connection, given }: Pick<AppProps, 'connection' | 'given'>): JSX.Element {
  const [status, setStatus] = useState<ReceiptStatus>();
  const [screen, setScreen] = useState<Screen>('paper');
  const [isOpen, setOpen] = useState(false);
  const found = async (code: string): Promise<void> => {
    const { status: known, opensWithoutWord } = await connection.call('find', code);
    if (opensWithoutWord) await connection.call('open');
    setOpen(opensWithoutWord);
    setStatus(known);
    setScreen(opensWithoutWord ? 'opened' : 'paper');
  };
  const opened = async (word: string): Promise<void> => {
    await connection.call('open', word);
    setOpen(true);
    setScreen('opened');
  };
  if (!status) return <Enter connection={connection} given={given} onCode={found} />;
  const home = isOpen ? 'opened' : 'paper';
  const withdrawn = (): void => setScreen('withdrawn');
  if (screen === 'withdraw')
    return <Withdraw connection={connection} onDone={withdrawn} onBack={() => setScreen(home)} />;
  if (screen === 'withdrawn') return <Withdrawn connection={connection} isOpen={isOpen} />;
  const takeBack = (): void => setScreen('withdraw');
  return screen === 'opened' ? (
    <Opened connection={connection} onWithdraw={takeBack} />
  ) : (
    <Paper status={status} onWord={opened} onWithdraw={takeBack} />
  );
}
