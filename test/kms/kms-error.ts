/** An answer of KMS that says no. */
export class KmsError extends Error {
  readonly status: number;

  /** @param name as the API reference has it */
  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}
