/** Who a token of the company belongs to. */
export interface Employee {
  readonly id: string;
}
