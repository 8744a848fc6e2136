/** What is stored does not fit what was signed: signing on would show two histories. The message is for the operator. */
export class SigningRefused extends Error {
  override readonly name = 'SigningRefused';
}
