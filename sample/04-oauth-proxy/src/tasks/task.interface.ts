/** Something that an employee has to do. */
export interface Task {
  readonly id: number;
  readonly title: string;
}
