/** Something a person can put right: its message is the whole story, so it is shown without a stack. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
