import './global-expect.ts';
import { render } from '@stripe/ui-extension-sdk/testing';
import { Banner, Button, ListItem, SettingsView, TextArea } from '@stripe/ui-extension-sdk/ui';
import { until } from '../../../support/quittance.ts';

/** A view as a person uses it: by what it says and the names of its buttons. */
export interface Screen {
  /** Waits until the view says this, in its text, a banner or a list. */
  says: (text: string) => Promise<void>;
  /** Waits until the head of the settings says this. */
  status: (text: string) => Promise<void>;
  /** All that the view says now. */
  words: () => string;
  /** The notes in the list, from the top. */
  notes: () => unknown[];
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
  const waitFor = async (saying: () => string, text: string): Promise<void> => {
    await until(async () => {
      await update();
      return saying().includes(text);
    }, `the view to say "${text}"`).catch((cause: unknown) => {
      throw new Error(`it says:\n${saying()}`, { cause });
    });
  };
  const buttons = (): Pressable[] => [
    ...wrapper.findAll(Button).map((node) => ({ name: node.text, props: node.props })),
    ...wrapper.findAll(Banner).flatMap(({ props }) => buttonsIn(props.actions)),
  ];
  const button = (name: string) => buttons().find((each) => each.name === name);
  return {
    wrapper,
    words,
    says: (text) => waitFor(words, text),
    status: (text) => waitFor(() => wrapper.find(SettingsView)?.props.statusMessage ?? '', text),
    notes: () => wrapper.findAll(ListItem).map(({ props }) => props.title),
    type: (text) => wrapper.find(TextArea)?.trigger('onChange', { target: { value: text } }),
    press: (name) => {
      const found = button(name);
      if (!found) throw new Error(`no button "${name}"; it says:\n${words()}`);
      if (found.props.disabled) throw new Error(`the button "${name}" is disabled`);
      wrapper.act(() => found.props.onPress?.({} as never));
    },
    has: (name) => button(name) !== undefined,
  };
}

/** What of a button a person sees and uses. */
interface Pressable {
  name: string;
  props: { disabled?: boolean | undefined; onPress?: ((event: never) => void) | undefined };
}

/** An element in a prop, as the actions of a banner: the tree of the view does not hold it. */
interface Detached {
  type?: string;
  text?: string;
  props?: Pressable['props'];
  children?: readonly Detached[];
}

function buttonsIn(prop: unknown): Pressable[] {
  const { type, props = {}, children = [] } = (prop ?? {}) as Detached;
  if (type === 'Button') return [{ name: children.map(({ text = '' }) => text).join(''), props }];
  return children.flatMap(buttonsIn);
}
