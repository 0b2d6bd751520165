const FONT_SIZE = 11;
const LINE_HEIGHT = 16;
const LEFT = 56;
const TOP = 780;
const LINES_MAX = 44;

/** Signs that the font has under another number than Unicode. */
const ODD_SIGNS: Readonly<Record<string, number>> = { '€': 0x80, '–': 0x96, '—': 0x97, '’': 0x92 };

/** One page of A4 with these lines of text; see ISO 32000-1, 7.5. */
export function pdfOf(lines: readonly string[]): string {
  const rows = lines.slice(0, LINES_MAX).map((line) => `(${escaped(line)}) Tj T*`);
  const text = `BT /F1 ${FONT_SIZE} Tf ${LINE_HEIGHT} TL ${LEFT} ${TOP} Td\n${rows.join('\n')}\nET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R ' +
      '/Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  ];
  let file = '%PDF-1.4\n';
  const places = objects.map((object, index) => {
    const place = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(place).padStart(10, '0')} 00000 n \n`;
  });
  const start = file.length;
  const size = objects.length + 1;
  file += `xref\n0 ${size}\n0000000000 65535 f \n${places.join('')}`;
  return `${file}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
}

/** Text as the font's own encoding has it; every other sign than the common ones is written as octal. */
function escaped(text: string): string {
  return Array.from(text, (sign) => {
    const code = ODD_SIGNS[sign] ?? sign.codePointAt(0) ?? 0;
    if (code > 0xff) return '?';
    if (code < 0x20 || code > 0x7e || '()\\'.includes(sign)) return `\\${code.toString(8).padStart(3, '0')}`;
    return sign;
  }).join('');
}
