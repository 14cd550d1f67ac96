import {
  Controller,
  Get,
  Query,
  Post,
  Body,
  Param,
  ParseIntPipe,
} from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsInt,
  IsOptional,
  IsString,
  Min,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { inputOf } from '../../test/support/input-of.js';

class Inner {
  @IsString() s!: string;
  @ApiProperty({ type: () => Inner, required: false, nullable: true })
  next?: unknown;
}
class Dto {
  @ApiPropertyOptional({ description: 'd' })
  @IsOptional()
  @IsInt()
  @Min(1)
  limit?: number;
  @IsString() name!: string;
  @ValidateNested({ each: true }) @Type(() => Inner) inner!: Inner[];
}
@Controller('x')
class C {
  @Get(':id') get(
    @Param('id', ParseIntPipe) id: number,
    @Query('q') q: string,
  ) {}
  @Post(':name') post(@Param('name') id: string, @Body() dto: Dto) {}
}
describe('table', () => {
  it('tries', async () => {
    console.log(JSON.stringify(await inputOf(C, 'get'), null, 1));
    console.log(JSON.stringify(await inputOf(C, 'post'), null, 1));
  });
});
