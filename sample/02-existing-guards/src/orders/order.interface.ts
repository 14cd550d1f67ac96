export interface Order {
  readonly id: number;
  readonly item: string;
  /** Cents. */
  readonly price: number;
  readonly status: 'paid' | 'refunded';
  /** Who refunded it. */
  readonly refundedBy?: string;
}
