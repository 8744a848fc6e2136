/** What stands for a value in a synopsis; some are checked before a command runs. */
export type Kind =
  'FOLDER' | 'FILE' | 'PLACE' | 'ADDRESS' | 'ID' | 'NUMBER' | 'LANGUAGE' | 'HOST:PORT' | 'FOLDER|lost';

/**
 * What a command takes, all of it: anything else is refused. Every command takes `--language` and `--help` as
 * well.
 */
export interface Form {
  readonly operands?: readonly Kind[];
  /** The last word may be repeated. */
  readonly repeats?: true;
  readonly needs?: Readonly<Record<string, Kind>>;
  readonly may?: Readonly<Record<string, Kind>>;
  readonly flags?: readonly string[];
}

export const FORMS = {
  demo: { flags: ['once'] },
  init: {},
  serve: {},
  verify: {
    operands: ['PLACE'],
    needs: { trust: 'FILE' },
    may: { save: 'FOLDER', cases: 'FOLDER', sample: 'FILE', checkpoints: 'FOLDER' },
    flags: ['json'],
  },
  agent: { may: { server: 'ADDRESS', state: 'FOLDER', socket: 'FILE', tcp: 'HOST:PORT' } },
  'export make': { needs: { state: 'FOLDER', to: 'FILE' } },
  'export open': { operands: ['FILE'], needs: { to: 'FOLDER' } },
  'witness new': { needs: { state: 'FOLDER', trust: 'FILE', organisation: 'ID' } },
  'witness pull': { needs: { state: 'FOLDER', server: 'ADDRESS' } },
  'witness serve': { needs: { state: 'FOLDER', tcp: 'HOST:PORT', server: 'ADDRESS' } },
  monitor: { needs: { server: 'ADDRESS', trust: 'FILE' } },
  'monitor manifest': {},
  'audit draw': { needs: { state: 'FOLDER' }, may: { count: 'NUMBER' } },
  'audit collect': { operands: ['ID'], needs: { state: 'FOLDER', to: 'FOLDER' } },
  'log export': { operands: ['FOLDER'], needs: { server: 'ADDRESS', trust: 'FILE' } },
  'log recover': { operands: ['FOLDER'], repeats: true },
  'backup new-key': {},
  backup: { operands: ['FOLDER'] },
  restore: { operands: ['FILE'], needs: { erasures: 'FOLDER|lost' } },
  'restore in-place': { may: { erasures: 'FOLDER|lost' } },
  drill: {},
  doctor: {},
} as const satisfies Readonly<Record<string, Form>>;

export type FormName = keyof typeof FORMS;

/** The forms of a command: itself, or one for each of its verbs. */
export function formsOf(command: string): FormName[] {
  const names = Object.keys(FORMS) as FormName[];
  return names.filter((name) => name.split(' ')[0] === command);
}
