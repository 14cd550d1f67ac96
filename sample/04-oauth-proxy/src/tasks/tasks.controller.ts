import { Body, Controller, Get, Post, UseGuards } from '@nestjs/common';
import { McpScopes, McpTool } from 'nestjs-mcp';
import { CompanyTokenGuard } from '../auth/company-token.guard.js';
import { CurrentEmployee } from '../auth/current-employee.decorator.js';
import type { Employee } from '../auth/employee.interface.js';
import { NewTaskDto } from './dto/new-task.dto.js';
import type { Task } from './task.interface.js';
import { TasksService } from './tasks.service.js';

@Controller('tasks')
@UseGuards(CompanyTokenGuard)
export class TasksController {
  constructor(private readonly tasks: TasksService) {}

  @Get()
  @McpTool({ description: 'List your own tasks.' })
  list(@CurrentEmployee() { id }: Employee): readonly Task[] {
    return this.tasks.list(id);
  }

  @Post()
  @McpScopes('tasks:write')
  @McpTool({ description: 'Give yourself a task.' })
  add(
    @CurrentEmployee() { id }: Employee,
    @Body() { title }: NewTaskDto,
  ): Task {
    return this.tasks.add(id, title);
  }
}
