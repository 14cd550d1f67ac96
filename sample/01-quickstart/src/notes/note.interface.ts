/** A remark that somebody left on a country. */
export interface Note {
  readonly id: string;
  /** ISO 3166-1 alpha-3. */
  readonly country: string;
  readonly text: string;
  readonly tags: readonly string[];
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
}
