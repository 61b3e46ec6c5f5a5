#include "libha/wire/drop.hpp"
