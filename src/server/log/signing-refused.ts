/** What is stored does not fit what was signed: signing on would show two histories. The message is for the operator and holds no value. */
export class SigningRefused extends Error {
  override readonly name = 'SigningRefused';
}
