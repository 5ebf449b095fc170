import type { Tokens } from 'marked';
import { Inline } from './inline.tsx';

export function Table({ token }: { token: Tokens.Table }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a scroller, no set of fields.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: wide tables scroll sideways, by keyboard too.
    <div className="table-scroll" role="group" aria-label="Table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {token.header.map((cell, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place.
              <th key={column} scope="col" dir="auto" data-align={cell.align}>
                <Inline tokens={cell.tokens} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((cells, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place.
            <tr key={row}>
              {cells.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place.
                <td key={column} dir="auto" data-align={cell.align}>
                  <Inline tokens={cell.tokens} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
