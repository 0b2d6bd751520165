// Runs in the browser: shows the operations that fit what is written into the search field.

const field = document.querySelector<HTMLInputElement>('#find');
const found = document.querySelector('#found');
const groups = [...document.querySelectorAll<HTMLElement>('.group')];

if (field) {
  field.addEventListener('input', () => show(field.value));
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target === field) return;
    event.preventDefault();
    field.focus();
  });
  // A browser that comes back puts in again what was searched for.
  show(field.value);
}

function show(text: string): void {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const group of groups) {
    const entries = [...group.querySelectorAll<HTMLElement>('[data-find]')];
    const fitting = entries.filter(({ dataset }) => words.every((word) => dataset.find?.includes(word)));
    for (const entry of entries) entry.hidden = !fitting.includes(entry);
    group.hidden = fitting.length === 0;
    count += fitting.filter(({ id }) => !id.startsWith('schema-')).length;
  }
  if (found) found.textContent = count === 1 ? '1 operation' : `${count} operations`;
}

export {};
