/**
 * What is stored does not fit what was signed: signing on would show two histories. The message is for the
 * operator and holds no value.
 */
export class SigningRefused extends Error {
  override readonly name: string = 'SigningRefused';
}

/**
 * The database does not continue what was signed: an earlier state of it, or another one, was put in its
 * place.
 */
export class DatabaseBehind extends SigningRefused {
  override readonly name = 'DatabaseBehind';

  constructor(how: string) {
    super(
      `${how}. Nothing is served before the right database is back, or this one is restored openly: ` +
        'relais restore in-place',
    );
  }
}
