/** A check as the suite writes it. */
export interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

export function faultsOf(checks: readonly Check[] | undefined): string[];

export function verdictOf(
  scenarios: readonly string[],
  checks: ReadonlyMap<string, readonly Check[]>,
): {
  readonly total: number;
  readonly passed: number;
  readonly faults: readonly {
    readonly name: string;
    readonly faults: readonly string[];
  }[];
};
