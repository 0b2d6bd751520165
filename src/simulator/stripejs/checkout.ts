import {
  checkCvc,
  checkExpiry,
  checkNumber,
  formatDigits,
  formatExpiry,
  formatNumber,
  type Complaint,
} from './card-input.ts';

// On Checkout's page: brings numbers into form and shows mistakes while typing. The page works without it;
// the server checks everything again.

interface Rule {
  format: (text: string) => string;
  check: (text: string) => Complaint | null;
}

const form = document.querySelector<HTMLFormElement>('[data-checkout]');
if (form) prepare(form);

function prepare(form: HTMLFormElement): void {
  const number = form.querySelector<HTMLInputElement>('#number');
  const rules: Record<string, Rule> = {
    number: { format: formatNumber, check: checkNumber },
    expiry: { format: formatExpiry, check: (text) => checkExpiry(text, new Date()) },
    cvc: { format: (text) => formatDigits(text, 4), check: (text) => checkCvc(text, number?.value ?? '') },
  };
  for (const [id, rule] of Object.entries(rules)) {
    const input = form.querySelector<HTMLInputElement>(`#${id}`);
    input?.addEventListener('input', () => {
      input.value = rule.format(input.value);
      show(input, rule.check(input.value), false);
    });
    input?.addEventListener('blur', () => {
      if (input.value !== '') show(input, rule.check(input.value), true);
    });
  }
  form.addEventListener('submit', () => {
    const button = form.querySelector<HTMLButtonElement>('[data-submit]');
    if (!button) return;
    // After this event, since a disabled button would keep the form from being sent in some browsers.
    setTimeout(() => {
      button.disabled = true;
      button.textContent = 'Processing…';
    });
  });
}

function show(input: HTMLInputElement, complaint: Complaint | null, finished: boolean): void {
  const shown = complaint && (finished || !complaint.code.startsWith('incomplete')) ? complaint.message : '';
  const place = document.getElementById(`${input.id}-error`);
  if (place && place.textContent !== shown) place.textContent = shown;
  input.setAttribute('aria-invalid', shown === '' ? 'false' : 'true');
}
