import './global-expect.ts';
import { render } from '@stripe/ui-extension-sdk/testing';
import { Banner, Button, ListItem, TextArea } from '@stripe/ui-extension-sdk/ui';
import { until } from '../../../support/quittance.ts';

/** A view as a person uses it: by what it says and the names of its buttons. */
export interface Screen {
  /** Waits until the view says this, in its text, a banner or a list. */
  says: (text: string) => Promise<void>;
  /** All that the view says now. */
  words: () => string;
  /** The notes in the list, from the top. */
  notes: () => string[];
  type: (text: string) => void;
  press: (name: string) => void;
  has: (name: string) => boolean;
  wrapper: ReturnType<typeof render>['wrapper'];
}

export function show(element: Parameters<typeof render>[0]): Screen {
  const { wrapper, update } = render(element);
  const words = (): string => {
    const banners = wrapper.findAll(Banner).flatMap(({ props }) => [props.title, props.description]);
    const items = wrapper.findAll(ListItem).flatMap(({ props }) => [props.title, props.secondaryTitle]);
    return [wrapper.text, ...banners, ...items].filter((part) => typeof part === 'string').join('\n');
  };
  const button = (name: string) => wrapper.findAll(Button).find(({ text }) => text === name);
  return {
    wrapper,
    words,
    says: async (text) => {
      await until(async () => {
        await update();
        return words().includes(text);
      }, `the view to say "${text}"`).catch((cause: unknown) => {
        throw new Error(`it says:\n${words()}`, { cause });
      });
    },
    notes: () => wrapper.findAll(ListItem).map(({ props }) => String(props.title)),
    type: (text) => wrapper.find(TextArea)?.trigger('onChange', { target: { value: text } } as never),
    press: (name) => {
      const found = button(name);
      if (!found) throw new Error(`no button "${name}"; it says:\n${words()}`);
      if (found.props.disabled) throw new Error(`the button "${name}" is disabled`);
      found.trigger('onPress', {} as never);
    },
    has: (name) => button(name) !== undefined,
  };
}
