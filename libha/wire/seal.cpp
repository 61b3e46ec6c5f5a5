#include "libha/wire/seal.hpp"
