// Overloaded{…}: one visitor with an overload per alternative, and no catch-all.

#pragma once

namespace raycord {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace raycord
