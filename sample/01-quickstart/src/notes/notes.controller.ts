import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  ParseUUIDPipe,
  Patch,
  Post,
  UseGuards,
} from '@nestjs/common';
import { McpTool } from 'nestjs-mcp';
import { ChangeNoteDto } from './dto/change-note.dto.js';
import { NewNoteDto } from './dto/new-note.dto.js';
import type { Note } from './note.interface.js';
import { NotesKeyGuard } from './notes-key.guard.js';
import { NotesService } from './notes.service.js';

@Controller('countries/:code/notes')
export class NotesController {
  constructor(private readonly notes: NotesService) {}

  @Get()
  @McpTool({ description: 'List the notes on a country, oldest first.' })
  list(@Param('code') code: string): Note[] {
    return this.notes.list(code);
  }

  @Post()
  @UseGuards(NotesKeyGuard)
  @McpTool({ description: 'Add a note to a country. Needs the notes key.' })
  add(@Param('code') code: string, @Body() note: NewNoteDto): Note {
    return this.notes.add(code, note);
  }

  @Patch(':id')
  @UseGuards(NotesKeyGuard)
  @McpTool({
    description:
      'Change the text or the tags of a note. Needs the notes key.\n' +
      'What is left out stays as it is; tags are replaced as a whole.',
  })
  change(
    @Param('code') code: string,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() change: ChangeNoteDto,
  ): Note {
    return this.notes.change(code, id, change);
  }

  @Delete(':id')
  @HttpCode(204)
  @UseGuards(NotesKeyGuard)
  @McpTool({
    description: 'Delete a note for good. Needs the notes key.',
  })
  remove(
    @Param('code') code: string,
    @Param('id', ParseUUIDPipe) id: string,
  ): void {
    this.notes.remove(code, id);
  }
}
