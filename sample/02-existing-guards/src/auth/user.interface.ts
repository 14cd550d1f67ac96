export type Role = 'support' | 'manager';

/** Who sent a request: `request.user`. */
export interface User {
  readonly name: string;
  readonly roles: readonly Role[];
}
