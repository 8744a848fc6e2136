import { render, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import auditorUrl from './auditor.ts?worker&url';
import { trustedWorkerUrl } from '../shared/worker-url.js';
import type { Coverage, Job, News } from './job.js';
import { LANGUAGES, preferredLanguage, TRANSLATIONS, type Language } from './translations.js';

const scriptUrl = trustedWorkerUrl(auditorUrl);

/** What is known so far; `report` is the page that `relais verify` prints. */
interface Known {
  readonly progress?: string;
  readonly coverage?: readonly Coverage[];
  readonly report?: string;
  readonly trouble?: 'badTrust' | 'fault';
}

/** Anybody's door: the log is public, and what the auditor brings along stays in this browser. */
function App(): JSX.Element {
  const [language, setLanguage] = useState<Language>(preferredLanguage());
  const [known, setKnown] = useState<Known>();
  const translations = TRANSLATIONS[language];
  const isRunning = known !== undefined && known.report === undefined && known.trouble === undefined;
  document.documentElement.lang = language;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (isRunning) return;
    setKnown({});
    start(jobOf(event.currentTarget as HTMLFormElement, language), (news) => {
      setKnown((before) => ({ ...before, ...news }));
    });
  };
  return (
    <main>
      <LanguageChoice language={language} label={translations.language} onChoose={setLanguage} />
      <h1>{translations.title}</h1>
      <p>{translations.text}</p>
      <form onSubmit={submit}>
        <Pick name="trust" label={translations.trust} hint={translations.trustHint} isNeeded />
        <Pick name="copy" label={translations.directory} hint={translations.directoryHint} isFolder isMany />
        <Pick name="cases" label={translations.cases} isMany />
        <Pick name="sample" label={translations.sample} />
        <button type="submit" class="strong" aria-disabled={isRunning}>
          {isRunning ? translations.working : translations.run}
        </button>
      </form>
      <p role="status">{isRunning ? known.progress : ''}</p>
      <p role="alert" class="trouble">
        {known?.trouble === undefined ? '' : translations[known.trouble]}
      </p>
      {known?.coverage && <Seen coverage={known.coverage} translations={translations} />}
      {known?.report !== undefined && <Report text={known.report} label={translations.print} />}
    </main>
  );
}

interface LanguageChoiceProps {
  readonly language: Language;
  readonly label: string;
  readonly onChoose: (language: Language) => void;
}

function LanguageChoice({ language, label, onChoose }: LanguageChoiceProps): JSX.Element {
  return (
    <label>
      {label}{' '}
      <select value={language} onChange={({ currentTarget }) => onChoose(currentTarget.value as Language)}>
        {LANGUAGES.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}

interface PickProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly isNeeded?: boolean;
  readonly isMany?: boolean;
  readonly isFolder?: boolean;
}

function Pick({
  name,
  label,
  hint,
  isNeeded = false,
  isMany = false,
  isFolder = false,
}: PickProps): JSX.Element {
  const described = hint === undefined ? {} : { 'aria-describedby': `${name}-hint` };
  const folder = isFolder ? { webkitdirectory: true } : {};
  return (
    <p>
      <label for={name}>{label}</label>
      <input
        type="file"
        id={name}
        name={name}
        required={isNeeded}
        multiple={isMany}
        {...described}
        {...folder}
      />
      {hint !== undefined && <small id={`${name}-hint`}>{hint}</small>}
    </p>
  );
}

function Seen({
  coverage,
  translations,
}: {
  coverage: readonly Coverage[];
  translations: (typeof TRANSLATIONS)[Language];
}): JSX.Element {
  return (
    <table>
      <caption>{translations.coverage}</caption>
      <thead>
        <tr>
          {[translations.log, translations.seen, translations.newest, translations.by].map((heading) => (
            <th key={heading} scope="col">
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {coverage.map(({ log, seen, newest, by }) => (
          <tr key={log}>
            <th scope="row">{log}</th>
            <td>{seen}</td>
            <td>{newest}</td>
            <td>{by.length > 0 ? by.join(', ') : translations.nobody}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Report({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  return (
    <>
      <pre tabIndex={0} role="region" aria-label="relais verify">
        {text}
      </pre>
      <button type="button" onClick={() => print()}>
        {label}
      </button>
    </>
  );
}

function jobOf(form: HTMLFormElement, language: Language): Job {
  const picked = (name: string): File[] => [
    ...((form.elements.namedItem(name) as HTMLInputElement).files ?? []),
  ];
  const [[trust], [sample]] = [picked('trust'), picked('sample')];
  // the first folder of the path is the copy itself
  const copy = picked('copy').map((file) => [file.webkitRelativePath.replace(/^[^/]*\//, ''), file] as const);
  return { language, trust: trust ?? new File([], 'trust.json'), copy, cases: picked('cases'), sample };
}

/** One worker for each audit; it ends with the report. */
function start(job: Job, onNews: (news: News) => void): void {
  const worker = new Worker(scriptUrl, { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<News>) => {
    if ('ready' in data) worker.postMessage(job);
    else onNews(data);
    if ('report' in data || 'trouble' in data) worker.terminate();
  });
  worker.addEventListener('error', () => onNews({ trouble: 'fault' }));
}

render(<App />, document.querySelector('#page') as HTMLElement);
