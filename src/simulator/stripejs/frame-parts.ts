import { methodName } from '../pages/method-names.ts';

/** One tab for each payment method. */
export function tabs(methods: string[], choose: (method: string) => void): HTMLElement {
  const list = document.createElement('div');
  list.className = 'tabs';
  list.setAttribute('role', 'tablist');
  for (const method of methods) {
    const tab = button(methodName(method), 'tab', () => choose(method));
    Object.assign(tab, { id: `${method}-tab`, value: method });
    tab.setAttribute('role', 'tab');
    list.append(tab);
  }
  return list;
}

/** Stands in place of inputs for a method that has a page of its own. */
export function redirectNote(method: string): HTMLElement {
  const note = document.createElement('p');
  note.className = 'more';
  note.textContent = `You will be led to a test page of ${methodName(method)} to finish the payment.`;
  return note;
}

/** The Express Checkout Element's button: no real wallet works here, so one stands for all. */
export function walletButton(pressed: () => void): HTMLElement {
  const pay = button('Buy with Google Pay (test)', 'button wallet', pressed);
  pay.setAttribute('aria-label', 'Google Pay');
  return pay;
}

/** The two ends of a wallet's sheet. */
export function sheetButtons(close: (paid: boolean) => void): HTMLElement[] {
  return [button('Pay', 'button', () => close(true)), button('Cancel', 'button quiet', () => close(false))];
}

function button(text: string, className: string, pressed: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = className;
  made.textContent = text;
  made.addEventListener('click', pressed);
  return made;
}
