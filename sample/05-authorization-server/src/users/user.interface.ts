/** Somebody who may log in. */
export interface User {
  /** For ever the same, and no personal data: every client sees it. */
  readonly id: string;
  readonly name: string;
}
