#include "replay/completion.h"

namespace raycord {
namespace {

std::string words_of(const CompletionNode& node) {
  std::string words;
  for (const CompletionNode& child : node.children) words += child.name + " ";
  for (const std::string& flag : node.flags) words += flag + " ";
  if (!words.empty()) words.pop_back();
  return words;
}

// "case" branches: the words typed so far → what may come next.
void add_cases(std::string& script, const CompletionNode& node, const std::string& path,
               const std::string& root_flags) {
  std::string words = words_of(node);
  if (!path.empty() && !root_flags.empty()) words += " " + root_flags;
  script += "    \"" + path + "\") words=\"" + words + "\" ;;\n";
  for (const CompletionNode& child : node.children) {
    add_cases(script, child, path.empty() ? child.name : path + " " + child.name, root_flags);
  }
}

void add_names(std::string& names, const CompletionNode& node) {
  for (const CompletionNode& child : node.children) {
    names += (names.empty() ? "" : "|") + child.name;
    add_names(names, child);
  }
}

std::string bash_script(const CompletionNode& root) {
  std::string names;
  add_names(names, root);
  std::string script =
      "_raycord() {\n"
      "  local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
      "  local path=\"\" words=\"\" i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"${COMP_WORDS[i]}\" in\n"
      "      " +
      names +
      ") path=\"${path:+$path }${COMP_WORDS[i]}\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$previous\" in\n"
      "    -o|--output) COMPREPLY=($(compgen -W \"table wide name json yaml\" -- \"$current\"));"
      " return ;;\n"
      "    --log) COMPREPLY=($(compgen -d -- \"$current\")); return ;;\n"
      "    completion) COMPREPLY=($(compgen -W \"bash zsh fish\" -- \"$current\")); return ;;\n"
      "  esac\n"
      "  case \"$path\" in\n";
  add_cases(script, root, "", "--log");
  script +=
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "}\n"
      "complete -F _raycord raycord kubectl-raycord\n";
  return script;
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("\\'") : std::string(1, c);
  return result + "'";
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

void add_fish(std::string& script, const CompletionNode& node, const std::string& condition) {
  const std::string begin = "complete -c raycord -n " + quoted(condition);
  for (const std::string& flag : node.flags) {
    const bool is_long = flag.rfind("--", 0) == 0;
    script += begin + (is_long ? " -l " + flag.substr(2) : " -s " + flag.substr(1)) + "\n";
  }
  for (const CompletionNode& child : node.children) {
    script += begin + " -f -a " + child.name + " -d " + quoted(first_line(child.what)) + "\n";
    add_fish(script, child, "__fish_seen_subcommand_from " + child.name);
  }
}

}  // namespace

std::string completion_script(const std::string& shell, const CompletionNode& root) {
  if (shell == "fish") {
    std::string script;
    add_fish(script, root, "__fish_use_subcommand");
    return script;
  }
  const std::string bash = bash_script(root);
  if (shell == "zsh") return "autoload -U +X bashcompinit && bashcompinit\n" + bash;
  return bash;
}

}  // namespace raycord
