/** What Jest's JSON reporter says of a run, as far as it is added up. */
export interface RunResult {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numTotalTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly unknown[];
}

export const PARTS: Readonly<
  Record<'main' | 'browser' | 'pack', readonly string[]>
>;

export function wholeRunOf(args: readonly string[]):
  | {
      readonly flags: readonly string[];
      readonly outputFile: string | undefined;
    }
  | undefined;

export function sumOf(results: readonly (RunResult | undefined)[]): RunResult;

export function countOf(run: RunResult): string;
