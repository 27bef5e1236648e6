#pragma once
#include <zstd.h>
#include "unpacking.h"
