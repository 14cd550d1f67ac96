import { ConflictException, Injectable } from '@nestjs/common';
import type { Task } from './task.interface.js';

const MAX_TASKS = 100;

/** Keeps everybody's tasks in memory: they are gone when the process ends. */
@Injectable()
export class TasksService {
  private readonly tasks = new Map<string, readonly Task[]>();

  list(employee: string): readonly Task[] {
    return this.tasks.get(employee) ?? [];
  }

  /** @throws ConflictException when the employee has as many as one may */
  add(employee: string, title: string): Task {
    const tasks = this.list(employee);
    if (tasks.length >= MAX_TASKS) {
      throw new ConflictException(`You have ${MAX_TASKS} tasks already.`);
    }
    const task = { id: tasks.length + 1, title };
    this.tasks.set(employee, [...tasks, task]);
    return task;
  }
}
