// docs/messages.md as the catalog says it must be. A test compares the two, so that the page never
// lags.
#pragma once

#include <string>

namespace ha::catalog {

/// The whole page, in Markdown.
std::string messages_document();

}  // namespace ha::catalog
